/** Differences that are meant, each with its reason. Keys are `area: scenario`; one that is no difference fails the test. */
export const EXPLAINED: Readonly<Record<string, string>> = {
  'Signing in: unknown property in connect': 'Newer clients say more about themselves than this version knows.',
  'Signing in: page without a device':
    'Our own page works over plain HTTP, where browsers give no keys to make a device identity with. It holds the secret.',
  'Origins: Origin tauri://localhost': 'Only http and https pages; the real gateway lets it in without any scope.',
  'Origins: Origin capacitor://localhost': 'As above.',
  'Frames: later: a number as id': 'An answer has a text as its id, so one that was none is not repeated.',
  'Frames: later: an event': 'We name the first fault of a frame, the real gateway all of them.',
  'Device identity: no nonce': 'We give the code of the protocol, the real gateway the sentence of its schema alone.',
  'Device identity: foreign Host':
    'A page can have its name resolve to this computer, so a foreign Host is not this computer (decision 0022).',
  'Methods: system-presence with an odd parameter': 'We refuse what a method does not know, here as elsewhere.',
  'Methods: node.invoke of an unknown command':
    'We judge the command before the node, so an operator learns that it is not allowed at all.',
  'Pairing: revoke ends the sessions, and the role is asked for again':
    'What a person has taken away is not given back without a person, on this computer either.',
  'Pairing by a person: a device that asks for more waits':
    'In its last step it comes as a node, which we tell that it may try again.',
  'Pairing by a person: a node waits, and needs an administrator':
    'We tell a node too that it may try again, so it comes in by itself once it is approved.',
};
