package httpserver

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// botMarks are in the agents of programs that read the web by themselves: crawlers,
// previews of links, monitors. Programs that search on behalf of people have none.
var botMarks = []string{
	"bot", "crawl", "spider", "slurp", "archiver", "scrapy", "facebookexternalhit", "mediapartners", "bingpreview",
	"link preview", "lighthouse", "pagespeed", "pingdom", "uptime", "statuscake", "site24x7", "monitor",
}

// notBots have one of the marks and are people's devices all the same.
var notBots = strings.NewReplacer("cubot", "")

// FromBot says whether a known program asks and not a person.
func FromBot(c *fiber.Ctx) bool {
	agent := notBots.Replace(strings.ToLower(c.Get(fiber.HeaderUserAgent)))
	for _, mark := range botMarks {
		if strings.Contains(agent, mark) {
			return true
		}
	}
	return false
}

// LoadsInAdvance says whether a browser loads a page that nobody may ever see.
func LoadsInAdvance(c *fiber.Ctx) bool {
	purpose := strings.ToLower(c.Get("Sec-Purpose") + c.Get("Purpose") + c.Get("X-Moz"))
	return strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender")
}
