package httpserver

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// botMarks are in the agents of programs that read the web by themselves: crawlers,
// previews of links, monitors, browsers that a program steers. Programs that search on
// behalf of people have none.
var botMarks = []string{
	"bot", "crawl", "spider", "slurp", "archiver", "scrapy", "facebookexternalhit", "mediapartners", "bingpreview",
	"link preview", "url preview", "uripreview", "embedly", "iframely", "vkshare", "google-inspectiontool", "w3c_validator",
	"headless", "phantomjs", "puppeteer", "playwright", "selenium", "lighthouse", "pagespeed", "pingdom", "uptime", "statuscake", "site24x7", "monitor",
}

// previewers begin the agents of applications that fetch a link for its preview. Pages that
// are read inside of them have a browser's agent.
var previewers = []string{"whatsapp/", "snapchat/", "viber/", "line-poker/"}

// notBots have one of the marks and are people's devices all the same.
var notBots = strings.NewReplacer("cubot", "")

// FromBot says whether a known program asks and not a person.
func FromBot(c *fiber.Ctx) bool {
	agent := notBots.Replace(strings.ToLower(c.Get(fiber.HeaderUserAgent)))
	for _, name := range previewers {
		if strings.HasPrefix(agent, name) {
			return true
		}
	}
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
