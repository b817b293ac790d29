/** What ssh_config(5) of OpenSSH 10 and of its kin knows besides `OPTIONS`: nothing that a line to a gateway needs. */
export const OTHER_KEYWORDS: ReadonlySet<string> = new Set(
  `addkeystoagent afstokenpassing canonicaldomains canonicalizefallbacklocal canonicalizemaxdots
  canonicalizepermittedcnames casignaturealgorithms channeltimeout checkhostip cipher ciphers clearallforwardings
  compression compressionlevel connectionattempts connecttimeout controlmaster controlpath controlpersist
  dynamicforward enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fallbacktorsh
  fingerprinthash forkafterauthentication forwardagent forwardx11 forwardx11timeout forwardx11trusted gatewayports
  globalknownhostsfile2 gssapiauthentication gssapiclientidentity gssapidelegatecredentials gssapikexalgorithms
  gssapikeyexchange gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns hostbasedacceptedalgorithms
  hostbasedkeytypes hostkeyalgorithms ipqos kbdinteractivedevices keepalive kerberosauthentication
  kerberostgtpassing kexalgorithms localcommand localforward loglevel logverbose macs
  nohostauthenticationforlocalhost numberofpasswordprompts obscurekeystroketiming permitlocalcommand
  permitremoteopen protocol protocolkeepalives proxyusefdpass pubkeyacceptedalgorithms pubkeyacceptedkeytypes
  refuseconnection rekeylimit remotecommand remoteforward requesttty requiredrsasize rhostsauthentication
  rhostsrsaauthentication rsaauthentication sendenv serveralivecountmax serveraliveinterval sessiontype setenv
  setuptimeout stdinnull streamlocalbindmask streamlocalbindunlink syslogfacility tag tcpkeepalive tunnel
  tunneldevice updatehostkeys useblacklistedkeys useprivilegedport userknownhostsfile2 useroaming usersh
  versionaddendum visualhostkey warnweakcrypto xauthlocation`.split(/\s+/),
);
