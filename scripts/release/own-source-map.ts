import { posix, relative, resolve, sep } from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { packageFolder } from './third-party.ts';

interface SourceMap {
  sources: string[];
  mappings: string;
}

export interface MapPlaces {
  root: string;
  /** Where the map is. */
  outdir: string;
  /** Lines that were put before the code. */
  extraLines: number;
}

/**
 * A source map that leads to this repository's sources alone, as they lie in `src/` of a released package. The sources
 * of other packages are not shipped, and a map that is read at each start should be small.
 */
export function ownSourceMap(text: string, { root, outdir, extraLines }: MapPlaces): string {
  const { sources, mappings, ...rest } = JSON.parse(text) as SourceMap;
  const files = sources.map((source) => relative(root, resolve(outdir, source)).split(sep).join('/'));
  const kept = files.filter((file) => packageFolder(file) === undefined && !file.startsWith('../'));
  const newIndex = files.map((file) => kept.indexOf(file));
  const lines = decode(mappings).map((line) =>
    line.flatMap((segment, at): typeof line => {
      const [column, source, ...place] = segment;
      const index = source === undefined ? -1 : (newIndex[source] ?? -1);
      const [sourceLine, sourceColumn] = place;
      if (index !== -1 && sourceLine !== undefined && sourceColumn !== undefined)
        return [[column, index, sourceLine, sourceColumn]];
      const previous = line[at - 1]?.[1];
      return previous !== undefined && newIndex[previous] !== -1 ? [[column]] : []; // ends what was before it
    }),
  );
  const blank = Array.from({ length: extraLines }, () => []);
  return JSON.stringify({
    ...rest,
    sources: kept.map((file) => posix.join('../src', file)),
    names: [],
    mappings: encode([...blank, ...lines]),
  });
}
