import { readFile } from 'node:fs/promises';
import { defineLayer } from 'bottle-sdk';

/** Its health is what a file says: well, ill, or nothing at all. */
export const layer = defineLayer((engine) => {
  engine.addHealthExtension(async (signal) => {
    const says = await readFile(process.env['HEALTH_FILE'] ?? '', 'utf8');
    if (says === 'hangs') await new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
    return says === 'well';
  });
});
