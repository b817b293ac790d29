// For `node --import`: what Electron's crypto lacks is missing in this program too, and nothing else is changed.
import { removeCiphersElectronLacks } from './boringssl.ts';

removeCiphersElectronLacks();
