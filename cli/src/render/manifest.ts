import { Document, isNode } from 'yaml';

/** A Kubernetes object. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** An object, and what a reader should know of it. */
export interface Manifest {
  /** What it is for: the lines above it. */
  comment: string;
  object: KubernetesObject;
  /** Lines above single fields. */
  notes?: readonly { path: readonly (string | number)[]; text: string }[];
}

/** One YAML document with its comments. */
export function toYaml({ comment, object, notes = [] }: Manifest): string {
  const document = new Document(object, { aliasDuplicateObjects: false });
  for (const { path, text } of notes) noteAt(document, path, text);
  const body = document.toString({ lineWidth: 0, indentSeq: true });
  return `${commented(comment)}\n${body}`;
}

/** All of them, as one stream, with a title above. */
export function toYamlStream(manifests: readonly Manifest[], title: string): string {
  return `${commented(title)}\n#\n${manifests.map(toYaml).join('---\n')}`;
}

function noteAt(document: Document, path: readonly (string | number)[], text: string): void {
  const parent = document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  const items: unknown[] = (parent as { items?: unknown[] } | undefined)?.items ?? [];
  const pair = items.find((item) => (item as { key?: unknown }).key !== undefined && keyText(item) === String(last));
  const node = pair === undefined ? items[Number(last)] : (pair as { key: unknown }).key;
  if (!isNode(node)) throw new Error(`there is nothing at ${path.join('.')} to comment on`);
  node.commentBefore = text
    .split('\n')
    .map((line) => ` ${line}`)
    .join('\n');
}

function keyText(item: unknown): string {
  const { key } = item as { key: unknown };
  return String(isNode(key) ? (key as { value?: unknown }).value : key);
}

function commented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '#' : `# ${line}`))
    .join('\n');
}
