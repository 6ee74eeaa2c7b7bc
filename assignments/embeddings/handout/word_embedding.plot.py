# What your functions learn: ten words of two topics in forty short sentences, before and after training. Nobody says
# which word belongs to which topic.
def plot_word_embedding(plt):
    """Draws the words' vectors, and returns before and after how many of ten words have their nearest neighbour in their
    own topic.
    """
    torch.manual_seed(7)
    topics = [["cat", "dog", "horse", "mouse", "cow"], ["bread", "milk", "rice", "soup", "cake"]]
    ids = {word: index for index, word in enumerate([word for topic in topics for word in topic], start=1)}
    texts = [torch.randint(1, 6, (6,)) + 5 * topic for topic in (0, 1) for _ in range(20)]
    pairs = torch.tensor([pair for text in texts for pair in skip_gram_pairs(text.tolist(), window=2)])
    centres, contexts = (WordEmbedding(11, 2, padding_idx=0) for _ in range(2))
    _, panels = plt.subplots(1, 2, figsize=(9, 4.5))

    def show(axes, title):
        rows = centres.weight.detach()
        for colour, topic in zip(("tab:blue", "tab:orange"), topics, strict=True):
            for word in topic:
                x, y = rows[ids[word]].tolist()
                axes.plot([0, x], [0, y], color=colour)
                axes.annotate(word, (x, y), color=colour)
        right = sum((word <= 5) == (nearest(rows[1:], word - 1, 1)[0] + 1 <= 5) for word in ids.values())
        axes.set_title(f"{title}: {right} of 10 beside their own topic")
        return right

    before = show(panels[0], "before training")
    optimizer = torch.optim.SGD([*centres.parameters(), *contexts.parameters()], lr=2.0)
    for _ in range(35):
        others = torch.randint(1, 11, (len(pairs), 5))
        loss = negative_sampling_loss(centres(pairs[:, 0]), contexts(pairs[:, 1]), contexts(others))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return before, show(panels[1], "after")
