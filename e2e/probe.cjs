'use strict';
/**
 * Loaded with `-r` into the real Electron and into the double alike: keeps what the app handed to the
 * tray and to notifications, because Electron itself does not let a test read it back.
 */
const { Notification, Tray } = require('electron');

const trays = new Map();
const notifications = [];
globalThis.__gangwayProbe = { trays: () => [...trays.values()], notifications };

note(Tray.prototype, 'setContextMenu', (tray, [menu]) => Object.assign(factsOf(tray), { menu: menu ?? undefined }));
note(Tray.prototype, 'setToolTip', (tray, [toolTip]) => Object.assign(factsOf(tray), { toolTip }));
note(Tray.prototype, 'setTitle', (tray, [title]) => Object.assign(factsOf(tray), { title }));
note(Tray.prototype, 'setImage', (tray, [image]) => Object.assign(factsOf(tray), { image: addressOf(image) }));
note(Tray.prototype, 'destroy', (tray) => trays.delete(tray));
note(Notification.prototype, 'show', ({ title, body }) => notifications.push({ title, body }));

function factsOf(tray) {
  if (!trays.has(tray)) {
    trays.set(tray, { tray, menu: undefined, toolTip: '', title: '', image: '' });
  }
  return trays.get(tray);
}

function addressOf(image) {
  return typeof image === 'string' ? image : image.toDataURL();
}

/** The original runs first: what it refuses was never shown. */
function note(prototype, method, remember) {
  const original = prototype[method];
  prototype[method] = function (...args) {
    const result = original.apply(this, args);
    remember(this, args);
    return result;
  };
}
