import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { redactText } from '../log-redaction.ts';

/** Some lines of a source file, around the one that matters. */
export interface SourceFrame {
  file: string;
  line: number;
  /** Undefined where the error does not say. */
  column?: number;
  lines: { line: number; text: string }[];
}

const LINES_AROUND = 4;
const MAX_LINE_CHARS = 300;
const MAX_FILE_BYTES = 2 * 1024 * 1024;
/** "(file:///shop/src/cart.ts:12:7)", "at /shop/src/cart.ts:12:7", and "/shop/src/cart.ts:12" above a syntax error. */
const POSITION = /(file:\/\/\/[^\s)]+?|\/[^:()]*?):(\d+)(?::(\d+))?\)?$/;
/** A text that a name says to be a secret. */
const SECRET_LITERAL =
  /((?:passw(?:or)?d|passphrase|secret|token|api[-_]?key|private[-_]?key|credential)\w*['"]?\s*[:=]\s*)(['"`]).*?\2/gi;

/** The source at the first position in a stack that is neither Node's, nor a package's, nor the platform's. */
export function sourceFrameOf(stack: readonly string[]): SourceFrame | undefined {
  for (const entry of stack) {
    const position = positionOf(entry);
    if (!position || isForeign(position.file)) continue;
    const lines = linesOf(position.file, position.line);
    if (lines.length > 0) return { ...position, lines };
  }
  return undefined;
}

function positionOf(entry: string): { file: string; line: number; column?: number } | undefined {
  const [, place = '', line = '', column] = POSITION.exec(entry.trimEnd()) ?? [];
  if (place === '') return undefined;
  const file = place.startsWith('file:') ? fileURLToPath(place.replace(/[?#].*$/, '')) : place.replace(/[?#].*$/, '');
  return { file, line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) };
}

/** This file is three folders below the packages of the platform, as source and when it is built. */
const PLATFORM = import.meta.dirname.replace(/\/protos\/(src|dist)\/develop$/, '/');
const PLATFORM_PACKAGES = ['protos', 'bottle-sdk', 'function-runtime', 'sidecar', 'capabilities'];

function isForeign(file: string): boolean {
  if (file.includes('/node_modules/')) return true;
  return PLATFORM_PACKAGES.some((name) => file.startsWith(`${PLATFORM}${name}/`));
}

function linesOf(file: string, line: number): SourceFrame['lines'] {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) return [];
    const all = readFileSync(file, 'utf8').split(/\r?\n/);
    if (line < 1 || line > all.length) return [];
    const from = Math.max(1, line - LINES_AROUND);
    return all.slice(from - 1, line + LINES_AROUND).map((text, at) => ({ line: from + at, text: shown(text) }));
  } catch {
    return []; // bundled away, or not for this process to read
  }
}

function shown(text: string): string {
  return redactText(text.slice(0, MAX_LINE_CHARS).replace(SECRET_LITERAL, '$1$2***$2'));
}
