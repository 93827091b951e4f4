import { handlerFile, layerFile } from '../load/load-handler.ts';
import { type Manifest, needsOf } from './manifest.ts';

/** What a serverless.yml says, with every default filled in, as one JSON document for other programs. */
export function describeManifest(manifest: Manifest, projectDir: string): string {
  const { service, file, includes, functions, layers, groups, packaging, warnings } = manifest;
  const document = {
    service,
    file,
    includes,
    warnings,
    groups,
    functions: functions.map(({ name, handler, timeoutMs, initTimeoutMs, concurrency, memoryMb, uses, triggers }) => ({
      name,
      handler,
      ...located(() => handlerFile(projectDir, handler)),
      timeoutMs,
      initTimeoutMs,
      concurrency,
      memoryMb: memoryMb ?? null,
      uses: uses ?? null,
      ...triggers,
    })),
    layers: layers.map((layer) => {
      const { name, path, uses } = layer;
      return { name, path, uses, ...located(() => layerFile(projectDir, layer)) };
    }),
    needs: needsOf(manifest),
    packaging: { ...packaging, budget: packaging.budget ?? null },
  };
  return `${JSON.stringify(document)}\n`;
}

/** The file that some code is in, or why there is none. */
function located(find: () => string): { code: string } | { problem: string } {
  try {
    return { code: find() };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
