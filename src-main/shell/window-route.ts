/** A place in the Control UI, as the part of its address after `#`: the overview of the gateway in use, who can reach the one here, or the list. */
export type WindowRoute = '/' | '/exposure' | '/gateways';
