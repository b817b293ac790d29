// ssh2 as it comes, in a process of its own: one connection, and the milliseconds from TCP connect to `ready` on standard output.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

import ssh2 from 'ssh2';

const [port, username, identityFile] = process.argv.slice(2);
const startMs = performance.now();
const sock = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
const client = new ssh2.Client();
client.once('ready', () => {
  console.log(performance.now() - startMs);
  client.end();
});
client.connect({
  sock,
  username: username ?? '',
  privateKey: readFileSync(identityFile ?? ''),
  hostVerifier: () => true,
});
