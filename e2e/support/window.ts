import type { ElectronApplication, Page } from '@playwright/test';
import { expect } from '@playwright/test';

import { clickTrayItem } from './tray.ts';

/** Opens the window from the tray, by the item with this id, and waits for its page. */
export async function openWindow(app: ElectronApplication, item = 'open'): Promise<Page> {
  const opened = app.waitForEvent('window');
  await clickTrayItem(app, item);
  const page = await opened;
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  return page;
}
