"""Which two submissions to read side by side. Two witnesses, rare code and rare wrong behaviour; never a verdict.

Code is read as a string of words, never parsed: it is a student's. What came with the stub, and what half of the class
has, counts for nothing; the rarer a fragment in the class, the more it weighs.
"""
