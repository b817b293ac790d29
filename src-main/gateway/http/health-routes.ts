import type { Express } from 'express';

import type { GatewayState } from '../methods/method.ts';
import type { IngressReader } from '../server/ingress.ts';

/**
 * Health for anybody who can reach the port, in the shapes measured at the real gateway. By a route of Tailscale it says
 * no more than that: neither the version nor how busy this computer is.
 */
export function addHealthRoutes(
  app: Express,
  { state, ingress }: { readonly state: GatewayState; readonly ingress: IngressReader },
): void {
  const ready = () => ({ ready: true, failing: [] });
  const readyInDetail = () => ({ ...ready(), uptimeMs: state.uptimeMs(), eventLoop: state.eventLoop() });
  const started = () => ({ ok: true, status: 'started' });
  const startedInDetail = () => ({ ...started(), version: state.version, uptimeMs: state.uptimeMs() });
  const live = () => ({ ok: true, status: 'live' });
  const routes: readonly [readonly string[], plain: () => object, detailed: () => object][] = [
    [['/health', '/healthz'], live, live],
    [['/ready', '/readyz'], ready, readyInDetail],
    [['/startupz'], started, startedInDetail],
  ];
  for (const [paths, plain, detailed] of routes) {
    app.all([...paths], (request, response) => {
      response.set('Cache-Control', 'no-store');
      const answer = ingress.of(request).listener.kind === 'bind' ? detailed : plain;
      if (request.method === 'GET' || request.method === 'HEAD') return response.json(answer());
      return response.status(405).set('Allow', 'GET, HEAD').type('text').send('Method Not Allowed');
    });
  }
}
