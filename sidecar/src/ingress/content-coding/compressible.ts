/** Text of any kind, by the name of its type or by what it is written in; and the few binary formats that are not compressed by themselves. */
const COMPRESSIBLE =
  /^(?:text\/|application\/(?:json|javascript|ecmascript|xml|x-ndjson|ndjson|jsonl|jsonlines|json-seq|x-javascript|yaml|x-yaml|toml|sql|graphql|rtf|wasm|manifest|x-www-form-urlencoded|vnd\.ms-fontobject|x-sh|postscript|mbox)$|font\/(?:ttf|otf|collection)$|image\/(?:bmp|x-icon|vnd\.microsoft\.icon|x-ms-bmp)$|model\/(?:gltf-binary|obj|stl)$|[\w.+-]+\/[\w.+-]+\+(?:json|xml|yaml|text)$)/;

/** Whether compression makes less of such a body. Server-sent events are not: a proxy that undoes it may hold them back. */
export function isCompressible(contentType: string): boolean {
  const end = contentType.indexOf(';');
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  return type !== 'text/event-stream' && COMPRESSIBLE.test(type);
}
