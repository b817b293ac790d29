import type { GatewayView } from '../../../src-main/contract/snapshot.ts';

/** `5 gateways: 3 connected, 1 waiting, 1 needs you`. What is off is not counted a second time. */
export function gatewayCounts(gateways: readonly Pick<GatewayView, 'state'>[]): string {
  const count = (...statuses: readonly string[]): number =>
    gateways.filter(({ state }) => statuses.includes(state.status)).length;
  const failed = count('failed');
  const parts = [
    [count('connected', 'attached'), 'connected'],
    [count('connecting'), 'connecting'],
    [count('waiting'), 'waiting'],
    [failed, failed === 1 ? 'needs you' : 'need you'],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  const all = `${gateways.length} ${gateways.length === 1 ? 'gateway' : 'gateways'}`;
  return `${all}: ${said.length === 0 ? 'all off' : said.join(', ')}`;
}
