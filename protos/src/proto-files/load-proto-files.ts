import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import protobuf from 'protobufjs';
import api from 'protobufjs/google/protobuf/api.json' with { type: 'json' };
import descriptor from 'protobufjs/google/protobuf/descriptor.json' with { type: 'json' };
import sourceContext from 'protobufjs/google/protobuf/source_context.json' with { type: 'json' };
import type from 'protobufjs/google/protobuf/type.json' with { type: 'json' };

/** Google's own files that the library brings along, but does not offer for imports by itself. */
const MORE_BUNDLED: Readonly<Record<string, Bundled>> = { api, descriptor, source_context: sourceContext, type };

/**
 * The types of .proto files and of all that they import, which is looked up in `includeDirs`. Field names are in camel
 * case. Each file is told before it is read, and each place where an import is looked for in vain. Throws what is wrong,
 * with file and line where the parser knows them.
 */
export function loadProtoFiles(
  files: readonly string[],
  includeDirs: readonly string[],
  onFile: (path: string) => void = () => {},
): protobuf.Root {
  offerBundled();
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => {
    if (isAbsolute(target)) {
      onFile(target);
      return target;
    }
    const candidates = includeDirs.map((directory) => join(directory, target));
    for (const candidate of candidates) onFile(candidate);
    const found = candidates.find(isReadable);
    if (found === undefined) throw new Error(`there is no ${target} to import`);
    return found;
  };
  root.loadSync([...files], { keepCase: false });
  root.resolveAll();
  return root;
}

function offerBundled(): void {
  for (const [name, { nested }] of Object.entries(MORE_BUNDLED)) {
    if (protobuf.common.get(`google/protobuf/${name}.proto`)) continue;
    protobuf.common(name, nested.google.nested.protobuf.nested);
  }
}

interface Bundled {
  nested: { google: { nested: { protobuf: { nested: { [name: string]: unknown } } } } };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
