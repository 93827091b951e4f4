import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import protobuf from 'protobufjs';

/**
 * The types of .proto files and of all that they import, which is looked up in `includeDirs`. Field names are in camel
 * case. Throws what is wrong, with file and line where the parser knows them.
 */
export function loadProtoFiles(files: readonly string[], includeDirs: readonly string[]): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => {
    if (isAbsolute(target)) return target;
    const found = includeDirs.map((directory) => join(directory, target)).find(isReadable);
    if (found === undefined) throw new Error(`there is no ${target} to import`);
    return found;
  };
  root.loadSync([...files], { keepCase: false });
  root.resolveAll();
  return root;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
