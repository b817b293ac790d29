'use strict';
const { contextBridge, ipcRenderer } = require('electron');

contextBridge.exposeInMainWorld('fixture', {
  platform: process.platform,
  globals: [typeof Buffer, typeof setImmediate],
  echo: (value) => ipcRenderer.invoke('echo', value),
  call: (channel) => ipcRenderer.invoke(channel),
  sendFunction: () => ipcRenderer.invoke('echo', () => 'never'),
  addOne: (value) => value + 1,
  mapped: (values, each) => values.map((value) => each(value)),
  onTold: (listener) => {
    ipcRenderer.on('told', (_event, text) => listener(text));
  },
  requireOf: (id) => {
    try {
      return typeof require(id);
    } catch (error) {
      return error.message;
    }
  },
});
