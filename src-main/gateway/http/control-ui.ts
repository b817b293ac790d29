import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';

import express, { type Express } from 'express';

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The built page: files as they are, and the page itself for any path without an extension. */
export function addControlUi(app: Express, root: string): void {
  const index = join(root, 'index.html');
  app.use((_request, response, next) => {
    response.set(HEADERS);
    next();
  });
  app.use(
    '/assets',
    express.static(join(root, 'assets'), { immutable: true, maxAge: '1y', fallthrough: true, index: false }),
  );
  app.use(express.static(root, { index: false, cacheControl: false, dotfiles: 'ignore' }));
  app.use((request, response, next) => {
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && extname(request.path) === '';
    if (!isPage || !existsSync(index)) return next();
    return response.set('Cache-Control', 'no-cache').sendFile(index);
  });
}
