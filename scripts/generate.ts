// Writes what is derived from other files and checked in. `generated.test.ts` fails when one of them is stale.
import { fileURLToPath } from 'node:url';
import { writeDerivedDocuments } from './generate-docs.ts';
import { writeKubernetesBase } from './generate-kubernetes.ts';
import { generateProtoTypes } from './generate-proto-types.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
await generateProtoTypes(`${root}protos/src/generated/`);
await writeDerivedDocuments(root);
await writeKubernetesBase(root);
