// Writes what is derived from other files and checked in. `generate.test.ts` fails when one of them is stale.
import { generateProtoTypes } from './generate-proto-types.ts';

await generateProtoTypes(new URL('../protos/src/generated/', import.meta.url).pathname);
