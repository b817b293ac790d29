import { controls } from './controls.ts';
import { readiness } from './readiness.ts';
import { StrictEmitter } from './strict.ts';

type Implemented = 'actions' | 'body' | 'close' | 'show' | 'silent' | 'subtitle' | 'title' | 'urgency';

/** A notification that nobody sees: `controls.notifications` has it, and a click is `emit('click')`. */
export class Notification extends StrictEmitter implements Pick<Electron.Notification, Implemented> {
  title: string;
  body: string;
  subtitle: string;
  silent: boolean;
  urgency: Electron.Notification['urgency'];
  actions: Electron.NotificationAction[];

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super();
    readiness.require('Cannot create Notification before app is ready');
    this.title = options.title ?? '';
    this.body = options.body ?? '';
    this.subtitle = options.subtitle ?? '';
    this.silent = options.silent ?? false;
    this.urgency = options.urgency ?? 'normal';
    this.actions = options.actions ?? [];
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    controls.notifications.push(this);
    this.emit('show', {});
  }

  close(): void {
    this.emit('close', {});
  }
}
