// A package registry on this machine for packages that are not published yet; what it does not have comes from the
// registry that npm is set to.
//   GET /NAME           the packument of a tarball that was handed over, or a redirect
//   GET /-/NAME.tgz     that tarball
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

interface PackedPackage {
  manifest: { name: string; version: string };
  bytes: Buffer;
}

export interface LocalRegistry {
  /** For `npm_config_registry`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the packages in these tarballs, made by `npm pack`. */
export async function startLocalRegistry(tarballs: readonly string[]): Promise<LocalRegistry> {
  const packages = new Map(tarballs.map(readTarball).map((packed) => [packed.manifest.name, packed]));
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();

  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(url);
    const packed = packages.get(path.replace(/^\/(-\/)?/, '').replace(/\.tgz$/, ''));
    if (!packed) response.writeHead(302, { location: new URL(url, upstream).href }).end();
    else if (path.endsWith('.tgz')) response.end(packed.bytes);
    else answerPackument(response, packed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  function answerPackument(response: ServerResponse, { manifest, bytes }: PackedPackage): void {
    const { name, version } = manifest;
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const dist = { tarball: `${url}-/${encodeURIComponent(name)}.tgz`, integrity };
    const packument = { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(packument));
  }

  return {
    url,
    async close() {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
  };
}

function readTarball(path: string): PackedPackage {
  const json = execFileSync('tar', ['-xzOf', path, 'package/package.json'], { encoding: 'utf8' });
  return { manifest: JSON.parse(json) as PackedPackage['manifest'], bytes: readFileSync(path) };
}
