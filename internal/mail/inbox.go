package mail

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/xunke/xunke/accounts"
)

// maxInbox is how many mails an inbox keeps.
const maxInbox = 100

// Sent is a mail that an inbox shows.
type Sent struct {
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	SentAt  time.Time `json:"sent_at"`
}

// Inbox takes the place of a mail server where somebody develops: it keeps the last mails in
// the memory of the process and shows them.
type Inbox struct {
	mu    sync.Mutex
	mails []Sent
}

var _ accounts.Mailer = (*Inbox)(nil)

// Send implements accounts.Mailer.
func (i *Inbox) Send(_ context.Context, m accounts.Message) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.mails = append(i.mails, Sent{To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, SentAt: time.Now().UTC()})
	if more := len(i.mails) - maxInbox; more > 0 {
		i.mails = slices.Delete(i.mails, 0, more)
	}
	return nil
}

// Mails are those that were sent, the newest first.
func (i *Inbox) Mails() []Sent {
	i.mu.Lock()
	defer i.mu.Unlock()
	list := slices.Clone(i.mails)
	slices.Reverse(list)
	if list == nil {
		list = []Sent{}
	}
	return list
}
