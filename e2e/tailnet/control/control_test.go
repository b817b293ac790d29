// Package control runs the test control server of the Tailscale module for as long as its standard input is open.
package control

import (
	"bufio"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"tailscale.com/tailcfg"
	"tailscale.com/tstest/integration"
	"tailscale.com/tstest/integration/testcontrol"
	"tailscale.com/types/logger"
)

const domain = "tail-test.ts.net"

// TestControl prints `control URL`, then obeys lines of standard input, each answered by `done` or `failed WHY`:
// `capabilities HOST key;key` replaces what the tailnet allows a computer.
func TestControl(t *testing.T) {
	control := &testcontrol.Server{
		DERPMap:        integration.RunDERPAndSTUN(t, logger.Discard, "127.0.0.1"),
		MagicDNSDomain: domain,
		DNSConfig:      &tailcfg.DNSConfig{Proxied: true, Domains: []string{domain}},
		TagOwners:      map[string][]string{"tag:robot": {}},
		AllOnline:      true,
	}
	control.HTTPTestServer = httptest.NewUnstartedServer(control)
	control.HTTPTestServer.Start()
	defer control.HTTPTestServer.Close()
	fmt.Printf("control %s\n", control.HTTPTestServer.URL)
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		if why := obey(control, strings.Fields(orders.Text())); why != "" {
			fmt.Printf("failed %s\n", why)
		} else {
			fmt.Println("done")
		}
	}
}

func obey(control *testcontrol.Server, words []string) string {
	if len(words) != 3 || words[0] != "capabilities" {
		return "an order nobody knows"
	}
	for _, node := range control.AllNodes() {
		if node.Name != words[1]+"."+domain+"." {
			continue
		}
		capabilities := tailcfg.NodeCapMap{}
		for _, key := range strings.Split(words[2], ";") {
			capabilities[tailcfg.NodeCapability(key)] = nil
		}
		// The older list beside the map counts as well.
		node.Capabilities = nil
		control.UpdateNode(node)
		control.SetNodeCapMap(node.Key, capabilities)
		return ""
	}
	return "no such computer"
}
