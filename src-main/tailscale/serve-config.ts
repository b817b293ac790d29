import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

/** What Tailscale serves on this computer, ipn/serve.go: routes that stay, and those that live with a program. */
export type ServeConfig = z.infer<typeof Document>;

const Handler = z.looseObject({
  Proxy: z.string().optional(),
  Path: z.string().optional(),
  Text: z.string().optional(),
});
const Part = z.object({
  TCP: z.record(z.string(), z.looseObject({ TCPForward: z.string().optional() })).nullish(),
  Web: z.record(z.string(), z.object({ Handlers: z.record(z.string(), Handler).nullish() })).nullish(),
  AllowFunnel: z.record(z.string(), z.boolean()).nullish(),
});
type Part = z.infer<typeof Part>;
const Document = Part.extend({ Foreground: z.record(z.string(), Part).nullish() });

/** `null` where nothing is served. @throws Error for what is no such configuration */
export function parseServeConfig(json: unknown): ServeConfig {
  return Document.parse(json ?? {});
}

/**
 * What takes connections on a port, in words; `undefined` where it is free. Services have addresses of their own. A port
 * that is open to the internet without a route is not free: whatever comes there would be open as well.
 */
export function holderOf(config: ServeConfig, port: number): string | undefined {
  const part = partsOf(config).find(({ TCP }) => TCP?.[String(port)] !== undefined);
  if (part === undefined) return isOpenToAll(config, port) ? 'a Funnel without a route' : undefined;
  const [web] = Object.entries(part.Web ?? {}).flatMap(([host, { Handlers }]) =>
    host.endsWith(`:${port}`) ? Object.values(Handlers ?? {}) : [],
  );
  const { Proxy: proxy, Path: path } = web ?? {};
  return proxy ?? path ?? part.TCP?.[String(port)]?.TCPForward ?? 'another program';
}

function isOpenToAll(config: ServeConfig, port: number): boolean {
  const open = partsOf(config).flatMap(({ AllowFunnel }) => Object.entries(AllowFunnel ?? {}));
  return open.some(([host, isOpen]) => isOpen && host.endsWith(`:${port}`));
}

export interface ClaimedRoute {
  /** Name of this computer in the tailnet. */
  readonly dnsName: string;
  readonly port: number;
  /** `http://127.0.0.1:41873`; nobody else leads to that port. */
  readonly target: string;
  readonly mode: 'serve' | 'funnel';
}

/**
 * Whether exactly our route is there and no other at its port: our target at `/` and nothing beside it, by HTTPS, for as
 * long as a program lives, open as far as it is meant to be.
 */
export function isClaimed(config: ServeConfig, { dnsName, port, target, mode }: ClaimedRoute): boolean {
  const [holder, ...others] = partsOf(config).filter(({ TCP }) => TCP?.[String(port)] !== undefined);
  const isHeld = holder !== undefined && Object.values(config.Foreground ?? {}).includes(holder);
  if (!isHeld || others.length > 0) return false;
  const { TCP, Web } = holder;
  const found = [TCP?.[String(port)], Web?.[`${dnsName}:${port}`]?.Handlers, isOpenToAll(config, port)];
  return isDeepStrictEqual(found, [{ HTTPS: true }, { '/': { Proxy: target } }, mode === 'funnel']);
}

/** How many routes there are that are not ours. */
export function otherRoutes(config: ServeConfig, ours: string | undefined): number {
  const tcp = partsOf(config).flatMap(({ TCP }) => Object.values(TCP ?? {}).filter(({ TCPForward }) => TCPForward));
  return proxiesOf(config).filter((proxy) => proxy !== ours).length + tcp.length;
}

/** Whether anything leads to a target. */
export function isServed(config: ServeConfig, target: string): boolean {
  return proxiesOf(config).includes(target);
}

function proxiesOf(config: ServeConfig): readonly string[] {
  const handlers = partsOf(config).flatMap(({ Web }) =>
    Object.values(Web ?? {}).flatMap(({ Handlers }) => Object.values(Handlers ?? {})),
  );
  return handlers.map(({ Proxy: proxy, Path: path, Text: text }) => proxy ?? path ?? text ?? '');
}

function partsOf(config: ServeConfig): readonly Part[] {
  return [config, ...Object.values(config.Foreground ?? {})];
}
