import { readFileSync } from 'node:fs';
import { describeHttpContract } from './http-contract.ts';
import { openFake, openSidecar, type SidecarTarget } from './target.ts';

describeHttpContract('the in-process fake with a handler', (baseUrl) =>
  openFake({
    upstreams: {
      async contract(request) {
        const { pathname, search } = new URL(request.url);
        const url = pathname.startsWith('/base/') ? request.url : `${baseUrl}${pathname}${search}`;
        if (!pathname.endsWith('/redirect')) return fetch(new Request(url, request));
        // What a redirect may have to send again, the global fetch must have whole.
        const { method, headers, redirect, signal } = request;
        const body = request.body ? await request.arrayBuffer() : null;
        return fetch(url, { method, headers, redirect, signal, body });
      },
    },
  }),
);
describeHttpContract(
  'a sidecar with undici',
  (baseUrl) => openSidecar({ http: { contract: { baseUrl, policy: { timeoutMs: 10_000 } } } }),
  {
    residentBytes(target) {
      const status = readFileSync(`/proc/${(target as SidecarTarget).sidecar.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
    },
  },
);
