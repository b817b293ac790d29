import { expect, test } from '@playwright/test';

import { madeCalls, openApp, PLACE, useRenderer, watchFaults } from './control-ui.ts';
import {
  approvalPlan,
  gatewayThere,
  hostKeyCertified,
  hostKeyChanged,
  certificateChanged,
  hostKeySwapped,
  hostKeyUnknown,
  keyRefused,
  KNOWN_FINGERPRINT,
  notEncrypted,
  OTHER_CERTIFICATE,
  OTHER_FINGERPRINT,
  pickupPlan,
  portTaken,
  snapshot,
  studio,
  tokenRefused,
  TRUSTED_CERTIFICATE,
  unapproved,
} from './fixtures.ts';

test.use(PLACE);
const renderer = useRenderer();
const id = studio.id;

test('trusts exactly the key that was shown, and stands on the safe answer', async ({ page }) => {
  const faults = watchFaults(page);
  await openApp(page, { url: renderer.url(), snapshot: hostKeyUnknown });
  await page.getByRole('button', { name: 'Compare the fingerprint' }).click();
  const dialog = page.getByRole('dialog', { name: 'Is this studio?' });
  await expect(dialog).toContainText(KNOWN_FINGERPRINT);
  await expect(dialog).toContainText('ssh-keygen -lvf /etc/ssh/ssh_host_ed25519_key.pub');
  await expect(dialog.getByRole('button', { name: 'Stay stopped' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Trust and remember' }).click();
  await expect(dialog).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([
    { name: 'gateway.trust-host-key', input: { id, fingerprint: KNOWN_FINGERPRINT, how: 'always' } },
  ]);
  await faults.expectNone();
});

test('stays stopped on Enter and on Escape, and gives the focus back', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: hostKeyUnknown });
  const opener = page.getByRole('button', { name: 'Compare the fingerprint' });
  for (const key of ['Enter', 'Escape']) {
    await opener.press('Enter');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press(key);
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(opener).toBeFocused();
  }
  expect(await madeCalls(page)).toEqual([]);
});

test('keeps the focus inside of a dialog', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: hostKeyUnknown });
  await page.getByRole('button', { name: 'Compare the fingerprint' }).click();
  for (let press = 0; press < 9; press += 1) {
    await page.keyboard.press('Tab');
    const outside = await page.evaluate(
      () => document.activeElement !== document.body && document.activeElement?.closest('dialog') === null,
    );
    expect(outside).toBe(false);
  }
});

test('says why a key could not be trusted, in the dialog', async ({ page }) => {
  const refused = {
    ok: false,
    error: { code: 'ssh/host-unreachable', params: { host: 'studio', port: 22, reason: 'timeout' } },
  } as const;
  await openApp(page, {
    url: renderer.url(),
    snapshot: hostKeyUnknown,
    answers: { 'gateway.trust-host-key': refused },
  });
  await page.getByRole('button', { name: 'Compare the fingerprint' }).click();
  await page.getByRole('button', { name: 'Trust and remember' }).click();
  await expect(page.getByRole('dialog')).toContainText('studio does not answer');
});

test('trusts a key for this session when asked to', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: hostKeyUnknown });
  await page.getByRole('button', { name: 'Compare the fingerprint' }).click();
  await page.getByRole('button', { name: 'Trust once' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([
    { name: 'gateway.trust-host-key', input: { id, fingerprint: KNOWN_FINGERPRINT, how: 'once' } },
  ]);
});

test('shows both keys when one changed, and replaces the known one only after a second act', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: hostKeyChanged });
  await page.getByRole('button', { name: 'Compare the keys' }).click();
  const dialog = page.getByRole('dialog', { name: 'studio shows a different key' });
  await expect(dialog).toContainText(KNOWN_FINGERPRINT);
  await expect(dialog).toContainText(OTHER_FINGERPRINT);
  await expect(dialog).toContainText('line 12 of /User/ada/.ssh/known_hosts');
  await expect(dialog.getByRole('button', { name: 'Stay stopped' })).toBeFocused();
  const replace = dialog.getByRole('button', { name: 'Replace the known key' });
  await expect(replace).toBeDisabled();
  await dialog.getByRole('checkbox', { name: /I compared/ }).check();
  await replace.click();
  await expect(dialog).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([
    { name: 'gateway.trust-host-key', input: { id, fingerprint: OTHER_FINGERPRINT, how: 'replace' } },
  ]);
});

test('trusts a certificate only after it was compared', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: certificateChanged });
  await page.getByRole('button', { name: 'Compare the certificate' }).click();
  const dialog = page.getByRole('dialog', { name: 'Studio shows another certificate' });
  await expect(dialog).toContainText(TRUSTED_CERTIFICATE);
  await expect(dialog).toContainText(OTHER_CERTIFICATE);
  await expect(dialog.getByRole('button', { name: 'Stay stopped' })).toBeFocused();
  const trust = dialog.getByRole('button', { name: 'Trust this certificate' });
  await expect(trust).toBeDisabled();
  await dialog.getByRole('checkbox', { name: /I compared/ }).check();
  await trust.click();
  await expect(dialog).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([
    { name: 'gateway.trust-certificate', input: { id, fingerprint: OTHER_CERTIFICATE } },
  ]);
});

test('sends a token in the clear only after a person has trusted that network', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: notEncrypted });
  await page.getByRole('button', { name: 'Trust that network' }).click();
  const dialog = page.getByRole('dialog', { name: 'Reach Studio without encryption?' });
  await expect(dialog.getByRole('button', { name: 'Stay stopped' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Trust that network' }).click();
  await expect(dialog).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.trust-network', input: { id, trusted: true } }]);
});

test('takes the trust in a network back from where it is told', async ({ page }) => {
  const shown = snapshot();
  const gateways = shown.gateways.map((gateway) =>
    gateway.id === id ? { ...gateway, reach: { ...gateway.reach, unencrypted: true as const } } : gateway,
  );
  await openApp(page, { url: renderer.url(), snapshot: { ...shown, gateways } });
  await page.getByRole('button', { name: 'Trust it no longer' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.trust-network', input: { id, trusted: false } }]);
});

test('cannot replace a key that was swapped while it was being looked at', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: hostKeySwapped });
  await page.getByRole('button', { name: 'Compare the keys' }).click();
  await expect(page.getByRole('dialog').getByRole('button')).toHaveText(['Copy', 'Copy', 'Copy', 'Stay stopped']);
});

test('says that a certificate authority makes no key known', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: hostKeyCertified });
  await page.getByRole('button', { name: 'Compare the fingerprint' }).click();
  await expect(page.getByRole('dialog')).toContainText('checks keys, not certificates');
});

test('takes a token without ever showing it', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: tokenRefused });
  await page.getByRole('button', { name: 'Enter the token' }).click();
  const field = page.getByLabel('Token or password');
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('type', 'password');
  await page.keyboard.press('Enter');
  await expect(page.getByText('A token is needed.')).toBeVisible();
  await field.fill('s3cret-s3cret-s3cret');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.set-token', input: { id, token: 's3cret-s3cret-s3cret' } }]);
  expect(page.url()).not.toContain('s3cret');
  await expect(page.locator('body')).not.toContainText('s3cret');
});

test('says what is run where and as whom, and fetches the token once a person agrees', async ({ page }) => {
  const faults = watchFaults(page);
  const plan = { ok: true, value: pickupPlan } as const;
  await openApp(page, { url: renderer.url(), snapshot: tokenRefused, answers: { 'pickup.plan': plan } });
  await page.getByRole('button', { name: 'Get the token over SSH' }).click();
  const dialog = page.getByRole('dialog', { name: 'Get the token of Studio over SSH' });
  await expect(dialog).toContainText('on studio as ada');
  await expect(dialog.getByRole('listitem')).toHaveText([...pickupPlan.commands]);
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await page.getByRole('button', { name: 'Get the token over SSH' }).click();
  await dialog.getByRole('button', { name: 'Get the token' }).click();
  await expect(dialog).toHaveCount(0);
  const planned = { name: 'pickup.plan', input: { id, what: 'token' } };
  expect(await madeCalls(page)).toEqual([planned, planned, { name: 'pickup.run', input: { id, what: 'token' } }]);
  await faults.expectNone();
});

test('takes the consent back when it is left while it runs', async ({ page }) => {
  const answers = { 'pickup.plan': { ok: true, value: pickupPlan } } as const;
  await openApp(page, { url: renderer.url(), snapshot: tokenRefused, answers, silent: ['pickup.run'] });
  await page.getByRole('button', { name: 'Get the token over SSH' }).click();
  await page.getByRole('button', { name: 'Get the token', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Running' })).toBeDisabled();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect((await madeCalls(page)).at(-1)).toEqual({ name: 'pickup.cancel', input: { id } });
});

test('approves this device and says which it is', async ({ page }) => {
  const answers = { 'pickup.plan': { ok: true, value: approvalPlan } } as const;
  await openApp(page, { url: renderer.url(), snapshot: unapproved, answers });
  await page.getByRole('button', { name: 'Approve over SSH' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve this computer on Studio' });
  await expect(dialog).toContainText(approvalPlan.deviceId ?? '');
  await dialog.getByRole('button', { name: 'Approve over SSH' }).click();
  await expect(dialog).toHaveCount(0);
  expect((await madeCalls(page)).at(-1)).toEqual({ name: 'pickup.run', input: { id, what: 'approval' } });
});

test('says why a pickup failed, in the dialog', async ({ page }) => {
  const params = { gateway: 'Studio', host: 'studio', reason: 'no-program' } as const;
  const answers = {
    'pickup.plan': { ok: true, value: pickupPlan },
    'pickup.run': { ok: false, error: { code: 'gateway/pickup-failed', params } },
  } as const;
  await openApp(page, { url: renderer.url(), snapshot: tokenRefused, answers });
  await page.getByRole('button', { name: 'Get the token over SSH' }).click();
  await page.getByRole('button', { name: 'Get the token', exact: true }).click();
  await expect(page.getByRole('dialog')).toContainText('Neither gangway nor openclaw was found on studio');
  await page.getByRole('button', { name: 'Enter it by hand' }).click();
  await expect(page.getByRole('dialog', { name: 'Token of Studio' })).toBeVisible();
  await expect(page.getByLabel('Token or password')).toBeFocused();
});

test('moves to the free port with one click', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: portTaken });
  await page.getByRole('button', { name: 'Move to port 19389' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.move', input: { id, port: 19_389 } }]);
});

test('moves to another port that is a port', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: portTaken });
  await page.getByRole('button', { name: 'Another port' }).click();
  const field = page.getByLabel('Port on this computer');
  for (const wrong of ['', '0', '70000', '12a', '-5']) {
    await field.fill(wrong);
    await page.keyboard.press('Enter');
    await expect(page.getByText('A port is a number from 1 to 65535.')).toBeVisible();
  }
  await field.fill('19029');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.move', input: { id, port: 19_029 } }]);
});

test('attaches to the gateway that is there', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: gatewayThere });
  await expect(page.getByText('node (process 4127)')).toBeVisible();
  await page.getByRole('button', { name: 'Attach' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.attach', input: { id: 'local' } }]);
});

test('takes another key file', async ({ page }) => {
  await openApp(page, { url: renderer.url(), snapshot: keyRefused });
  await page.getByRole('button', { name: 'Choose another key' }).click();
  await page.getByLabel('Private key file').fill('~/.ssh/id_studio');
  await page.getByRole('button', { name: 'Use this key' }).click();
  expect(await madeCalls(page)).toEqual([{ name: 'gateway.set-identity', input: { id, file: '~/.ssh/id_studio' } }]);
});
