import type { Express } from 'express';

import type { GatewayState } from '../methods/method.ts';

/** Health for anybody who can reach the port, in the shapes measured at the real gateway. */
export function addHealthRoutes(app: Express, state: GatewayState): void {
  const routes: readonly [readonly string[], () => object][] = [
    [['/health', '/healthz'], () => ({ ok: true, status: 'live' })],
    [
      ['/ready', '/readyz'],
      () => ({ ready: true, failing: [], uptimeMs: state.uptimeMs(), eventLoop: state.eventLoop() }),
    ],
    [['/startupz'], () => ({ ok: true, status: 'started', version: state.version, uptimeMs: state.uptimeMs() })],
  ];
  for (const [paths, answer] of routes) {
    app.all([...paths], (request, response) => {
      response.set('Cache-Control', 'no-store');
      if (request.method === 'GET' || request.method === 'HEAD') return response.json(answer());
      return response.status(405).set('Allow', 'GET, HEAD').type('text').send('Method Not Allowed');
    });
  }
}
