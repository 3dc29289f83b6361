"""Text: normalisation, sentence spans, language identification, folding for comparison."""
