/** `ssh-ed25519` as people say it: `ED25519`. */
export function keyTypeName(keyType: string): string {
  if (keyType.startsWith('ecdsa')) return 'ECDSA';
  return keyType
    .replace(/^(ssh|rsa)-(?=\w)/, '')
    .replace(/^sha2-\d+$/, 'rsa')
    .toUpperCase();
}

/** The title in the frame of the picture, as `ssh-keygen` writes it where the size follows from the type. */
export function keyArtTitle(keyType: string): string {
  const bits = keyType === 'ssh-ed25519' ? ' 256' : (/nistp(\d+)/.exec(keyType)?.[1]?.replace(/^/, ' ') ?? '');
  return `${keyTypeName(keyType)}${bits}`;
}

/** What shows the same fingerprint and picture on the other computer. */
export function showKeyCommand(keyType: string): string {
  return `ssh-keygen -lvf /etc/ssh/ssh_host_${keyTypeName(keyType).toLowerCase()}_key.pub`;
}

/** A fingerprint in groups of four, which is how it is read aloud. */
export function fingerprintGroups(fingerprint: string): readonly string[] {
  const [kind = '', hash = ''] = fingerprint.split(/(?<=:)/);
  return [kind, ...(hash.match(/.{1,4}/g) ?? [])];
}
