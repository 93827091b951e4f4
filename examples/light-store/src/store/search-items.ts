import type { Item } from './catalogue.ts';

/** How much a word counts by where it was found. */
const WEIGHT = { name: 8, category: 4, tag: 4, description: 1 } as const;

/** An item and how well it fits; more is better. */
export interface SearchHit {
  score: number;
  item: Item;
}

/**
 * The items in which every word of the text begins some word, best first: a hit in the name counts more than one in
 * the description. No words, no hits.
 */
export function searchItems(items: readonly Item[], text: string): SearchHit[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  return items
    .map((item) => ({ item, score: scoreOf(item, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || b.item.rating - a.item.rating);
}

/** The sum over all words; 0 as soon as one of them is nowhere. */
function scoreOf(item: Item, words: readonly string[]): number {
  const places = [
    { weight: WEIGHT.name, words: wordsOf(item.name) },
    { weight: WEIGHT.category, words: wordsOf(item.category) },
    { weight: WEIGHT.tag, words: wordsOf(item.tags.join(' ')) },
    { weight: WEIGHT.description, words: wordsOf(item.description) },
  ];
  let total = 0;
  for (const word of words) {
    const found = places.filter((place) => place.words.some((candidate) => candidate.startsWith(word)));
    if (found.length === 0) return 0;
    total += found.reduce((sum, place) => sum + place.weight, 0);
  }
  return total;
}

/** Lower-case words without accents: "Lampe à pétrole" → lampe, a, petrole. */
function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase();
  return plain.match(/[\p{Letter}\p{Number}]+/gu) ?? [];
}
