import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';

import { z } from 'zod';

const PORT = 'a whole number from 1 to 65535';
const BIND = '“loopback”, “tailnet”, “lan” or “custom”';
const IP = 'an IP address of this computer';
const MODE = '“none”, “token” or “password”';
const SECRET = 'the secret itself in one line of text; references and placeholders are not followed';
const COUNT = 'a whole number from 1 to 1000';
const DURATION = 'a number of milliseconds from 1 to 86400000';
const SWITCH = 'true or false';
const ORIGIN = 'an origin such as https://gateway.example, without a path';
const ORIGINS = 'a list of origins';
const PROXY = 'an IP address, or a network such as 10.0.0.0/8';
const PROXIES = 'a list of IP addresses and networks';
const COMMAND = 'the name of a command of nodes, such as system.which';
const TAILSCALE_MODE = '“off”, “serve” or “funnel”';
const USER_ID = 'the numeric id of a user of the tailnet, as text';
const USER_IDS = 'a list of ids of users of the tailnet';
const COMMANDS = 'a list of commands';
const PATH = 'the absolute path of a file';
const SECTION = 'an object';

const between = (min: number, max: number, error: string) => z.int({ error }).min(min, { error }).max(max, { error });
const flag = (value: boolean) => z.boolean({ error: SWITCH }).default(value);
const text = (isValid: (value: string) => boolean, error: string) => z.string({ error }).refine(isValid, { error });
const address = () => text((value) => isIP(value) !== 0, IP).optional();
const path = () => text((value) => isAbsolute(value), PATH).optional();
const secret = () => text(isPlainSecret, SECRET).optional();
const commands = () =>
  z
    .array(
      text((value) => /^[\w.-]{1,100}$/.test(value), COMMAND),
      { error: COMMANDS },
    )
    .default([]);

const RateLimit = z.strictObject(
  {
    maxAttempts: between(1, 1_000, COUNT).default(10),
    windowMs: between(1, 86_400_000, DURATION).default(60_000),
    lockoutMs: between(1, 86_400_000, DURATION).default(300_000),
    exemptLoopback: flag(true),
  },
  { error: SECTION },
);

const Auth = z.strictObject(
  {
    mode: z.enum(['none', 'token', 'password'], { error: MODE }).optional(),
    token: secret(),
    password: secret(),
    allowTailscale: z.boolean({ error: SWITCH }).optional(),
    tailscaleUserIds: z
      .array(
        text((value) => /^\d{1,20}$/.test(value), USER_ID),
        { error: USER_IDS },
      )
      .default([]),
    rateLimit: RateLimit.prefault({}),
  },
  { error: SECTION },
);

const Gateway = z.strictObject(
  {
    port: between(1, 65_535, PORT).default(18_789),
    bind: z.enum(['loopback', 'tailnet', 'lan', 'custom'], { error: BIND }).default('loopback'),
    customBindHost: address(),
    host: address(),
    auth: Auth.prefault({}),
    tailscale: z
      .strictObject(
        {
          mode: z.enum(['off', 'serve', 'funnel'], { error: TAILSCALE_MODE }).default('off'),
          resetOnExit: flag(true),
          port: between(1, 65_535, PORT).default(443),
        },
        { error: SECTION },
      )
      .prefault({}),
    tls: z
      .strictObject(
        { enabled: flag(false), autoGenerate: flag(true), certPath: path(), keyPath: path() },
        { error: SECTION },
      )
      .prefault({}),
    controlUi: z
      .strictObject(
        { enabled: flag(true), allowedOrigins: z.array(text(isOrigin, ORIGIN), { error: ORIGINS }).default([]) },
        { error: SECTION },
      )
      .prefault({}),
    trustedProxies: z.array(text(isAddressOrNetwork, PROXY), { error: PROXIES }).default([]),
    nodes: z
      .strictObject(
        {
          pairing: z.strictObject({ autoApproveLocal: flag(true) }, { error: SECTION }).prefault({}),
          commands: z.strictObject({ allow: commands(), deny: commands() }, { error: SECTION }).prefault({}),
        },
        { error: SECTION },
      )
      .prefault({}),
  },
  { error: SECTION },
);

/** Strict, so that a key which does nothing is told. Each error is worded as what is expected. */
export const GatewayConfigSchema = z.strictObject({ gateway: Gateway.prefault({}) });

export type GatewayConfigDocument = z.infer<typeof GatewayConfigSchema>;

/**
 * A reference such as `${NAME}`, or the marker other programs write in the place of a secret, would
 * be a secret everybody knows.
 */
function isPlainSecret(value: string): boolean {
  return /^\P{Cc}{1,4096}$/u.test(value) && value.trim() === value && !/\$\{|^__\w+__$|^«…/.test(value);
}

function isOrigin(value: string): boolean {
  return /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

function isAddressOrNetwork(value: string): boolean {
  const [ip = '', prefix = '0', ...more] = value.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(ip)] ?? -1;
  return more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}
