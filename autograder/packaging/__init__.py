"""What leaves the house: the student's zip, the autograder's zip for Gradescope, notebooks. Built with otter."""
