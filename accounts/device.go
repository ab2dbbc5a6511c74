package accounts

import "strings"

// deviceOf names a browser and a system by the header User-Agent, so that people know their
// devices again. The header itself is not kept: it tells more than that.
func deviceOf(agent string) string {
	first := func(names [][2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	// Each browser says that it is those further down as well.
	browser := first([][2]string{
		{"MicroMessenger", "WeChat"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"QQBrowser", "QQ Browser"}, {"UCBrowser", "UC Browser"},
		{"HuaweiBrowser", "Huawei Browser"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}, {"curl", "curl"},
	})
	system := first([][2]string{
		{"HarmonyOS", "HarmonyOS"}, {"OpenHarmony", "HarmonyOS"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"},
		{"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	switch {
	case browser == "" && system == "":
		return "unknown"
	case browser == "" || system == "":
		return browser + system
	default:
		return browser + ", " + system
	}
}
