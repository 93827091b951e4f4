/** The candidate that shares the most letter pairs with a mistyped word (Dice's coefficient), if it shares enough. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const scored = candidates.map((candidate) => ({ candidate, score: similarity(word, candidate) }));
  const best = scored.sort((a, b) => b.score - a.score)[0];
  return best && best.score >= 0.4 ? best.candidate : undefined;
}

function similarity(a: string, b: string): number {
  const pairsOfB = pairs(b);
  const shared = pairs(a).filter((pair) => pairsOfB.includes(pair)).length;
  return (2 * shared) / (pairs(a).length + pairsOfB.length);
}

function pairs(word: string): string[] {
  const padded = `^${word}$`;
  return Array.from({ length: padded.length - 1 }, (_, index) => padded.slice(index, index + 2));
}
