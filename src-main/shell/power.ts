import type { SupervisorApi } from '../supervisor/supervisor-api.ts';
import type { PowerApi } from './electron-api.ts';

export function watchPower(
  powerMonitor: PowerApi,
  { api, onShutdown }: { readonly api: Pick<SupervisorApi, 'power'>; readonly onShutdown: () => void },
): void {
  powerMonitor.on('suspend', () => api.power('suspend'));
  powerMonitor.on('resume', () => api.power('resume'));
  powerMonitor.on('shutdown', (event) => {
    // Gives us the time to close tunnels and listeners; the system goes on when we are gone.
    event?.preventDefault();
    onShutdown();
  });
}
