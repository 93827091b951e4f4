import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CAPABILITY_PROTO_FILES, EVENT_PROTO_FILE, LOADER_OPTIONS, PROTO_DIR, PROTO_FILES } from '@bottle/protos';

/** Writes the TypeScript types of the .proto files into `outDir`, with the options that the programs load them with. */
export async function generateProtoTypes(outDir: string): Promise<void> {
  const require = createRequire(join(PROTO_DIR, 'package.json'));
  const generator = require.resolve('@grpc/proto-loader/build/bin/proto-loader-gen-types.js');
  const flags = [
    `--longs=${LOADER_OPTIONS.longs.name}`,
    `--enums=${LOADER_OPTIONS.enums.name}`,
    '--defaults',
    '--oneofs',
    '--includeComments',
    '--importFileExtension=.ts',
    '--grpcLib=@grpc/grpc-js',
    `--includeDirs=.`,
    `--outDir=${outDir}`,
  ];
  await promisify(execFile)(
    process.execPath,
    [generator, ...flags, ...PROTO_FILES, ...Object.values(CAPABILITY_PROTO_FILES), EVENT_PROTO_FILE],
    { cwd: PROTO_DIR },
  );
}
