import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a file was like: "modified-size-inode", or empty while there is none. */
type FileState = string;

/** A file, and what it was like before it was read. */
export type LoadedFile = readonly [path: string, state: FileState];

/**
 * The files that a project was loaded from, or would be if they were there. Each is looked at before it is read, so that
 * a change in between is not lost.
 */
export class LoadedFiles {
  /** Called for each that is added. */
  onNews: () => void = () => {};
  readonly #files = new Set<string>();
  /** Without and with their queries: a repeated attempt reads its modules again. */
  readonly #modules = new Set<string>();
  #news: LoadedFile[] = [];

  /** A module whose imports are the project's, and which is not itself. */
  addRoot(url: string): void {
    this.#modules.add(url);
  }

  /** A module of the project: whatever it imports belongs to the project too. Packages are followed, and not watched. */
  addModule(url: string): void {
    if (this.#modules.has(url)) return;
    const plain = withoutQuery(url);
    this.#modules.add(url).add(plain);
    if (plain.startsWith('file:') && !plain.includes('/node_modules/')) this.#add(fileURLToPath(plain));
  }

  hasModule(url: string): boolean {
    return this.#modules.has(withoutQuery(url));
  }

  /** A file that is read, or would be if it were there. */
  addFile(path: string): void {
    if (!this.#files.has(path)) this.#add(path);
  }

  /** What was added since the last time. */
  takeNews(): LoadedFile[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  #add(path: string): void {
    this.#files.add(path);
    this.#news.push([path, stateOf(path)]);
    this.onNews();
  }
}

/** Under Node's permission model a file that must not be read is not there. */
function stateOf(path: string): FileState {
  try {
    const stats = statSync(path);
    return `${stats.mtimeMs}-${stats.size}-${stats.ino}`;
  } catch {
    return '';
  }
}

function withoutQuery(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
