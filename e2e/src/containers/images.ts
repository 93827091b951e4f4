import { join } from 'node:path';
import { ROOT } from '../harness/process.ts';
import type { Engine } from './engine.ts';

const MB = 1_000_000;

export interface ImageSize {
  image: string;
  /** Megabytes above the base image. */
  aboveBaseMb: number;
  limitMb: number;
}

/** Builds the two images of the pod and that of the light store on top of one of them. */
export async function buildImages(engine: Engine, base: string, say: (text: string) => void): Promise<ImageSize[]> {
  const build = async (name: string, context: string, file: string, args: Record<string, string>): Promise<void> => {
    say(`building ${name} …`);
    const buildArgs = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    await engine.run(['build', '--network', 'host', ...buildArgs, '-f', file, '-t', name, context]);
  };
  await build('localhost/bottle-sidecar', ROOT, join(ROOT, 'Dockerfile.sidecar'), { BASE_IMAGE: base });
  await build('localhost/bottle-runtime', ROOT, join(ROOT, 'Dockerfile.runtime'), { BASE_IMAGE: base });
  const store = join(ROOT, 'examples/light-store');
  await build('localhost/light-store', store, join(store, 'Dockerfile'), { RUNTIME_IMAGE: 'localhost/bottle-runtime' });

  const sizeOf = async (image: string): Promise<number> =>
    Number(await engine.run(['image', 'inspect', '--format', '{{.Size}}', image]));
  const baseBytes = await sizeOf(base);
  const above = async (image: string, limitMb: number): Promise<ImageSize> => ({
    image,
    aboveBaseMb: Math.round(((await sizeOf(image)) - baseBytes) / MB),
    limitMb,
  });
  return [await above('localhost/bottle-sidecar', 60), await above('localhost/bottle-runtime', 40)];
}
