import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from './code-frame.ts';

/** An error as it stands in the log. */
export interface LoggedError {
  type: string;
  message: string;
  stack: string;
}

/** Where in the project an error is, as far as its text says; undefined when it does not. */
export function placeOfError(error: LoggedError, projectDir: string): Place | undefined {
  return placeAbove(error.stack) ?? firstFrame(error.stack, projectDir) ?? placeOfImport(error.message);
}

/** The frames of a stack that are the project's own: "at f (src/a.ts:3:9)". */
export function framesInProject(stack: string, projectDir: string): string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && line.includes(`${projectDir}/`) && !line.includes('/node_modules/'))
    .map((line) => line.trim().replaceAll(`file://${projectDir}/`, '').replaceAll(`${projectDir}/`, ''))
    .map((line) => line.replace(/\?bottle-attempt=\d+/, ''));
}

/** Node.js puts "file:line", the line and a mark above the stack of an error in the source. */
function placeAbove(stack: string): Place | undefined {
  const [first = '', ...rest] = stack.split('\n');
  const [, path, line] = /^((?:file:\/\/)?\/.+):(\d+)$/.exec(first) ?? [];
  if (path === undefined) return undefined;
  const mark = rest.find((text) => /^\s*\^+\s*$/.test(text));
  return { file: toPath(path), line: Number(line), column: mark === undefined ? 0 : mark.indexOf('^') + 1 };
}

function firstFrame(stack: string, projectDir: string): Place | undefined {
  for (const text of stack.split('\n')) {
    const [, path = '', line, column] = /^\s+at (?:.*\()?((?:file:\/\/)?\/[^)]+?):(\d+):(\d+)\)?$/.exec(text) ?? [];
    const file = toPath(path);
    if (file.startsWith(`${projectDir}/`) && !file.includes('/node_modules/'))
      return { file, line: Number(line), column: Number(column) };
  }
  return undefined;
}

/** "Cannot find module '/p/x.ts' imported from /p/a.ts": the line that names it. */
function placeOfImport(message: string): Place | undefined {
  const [, wanted, file] = /^Cannot find (?:module|package) '(.+?)' imported from (\S+)/.exec(message) ?? [];
  if (wanted === undefined || file === undefined) return undefined;
  const path = toPath(file);
  const name = basename(wanted, extname(wanted));
  const lines = textOf(path).split('\n');
  const index = lines.findIndex((line) => /\b(import|export|require)\b/.test(line) && line.includes(name));
  return index === -1 ? undefined : { file: path, line: index + 1, column: (lines[index] ?? '').search(/['"`]/) + 1 };
}

function toPath(path: string): string {
  const plain = path.replace(/\?.*$/, '');
  return plain.startsWith('file://') ? fileURLToPath(plain) : plain;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
