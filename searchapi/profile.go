package searchapi

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/internal/httpserver"
)

// profileBody is what is to be another of a profile: fields that are not there stay.
type profileBody struct {
	Nickname *string `json:"nickname,omitempty" maxLength:"40"`
	Birthday *string `json:"birthday,omitempty" about:"such as 2001-12-31; empty: not said" pattern:"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"`
	Gender   *string `json:"gender,omitempty" about:"empty: not said" enum:",female,male,other"`
	City     *string `json:"city,omitempty" maxLength:"60"`
	Language *string `json:"language,omitempty" about:"of mails" enum:"zh,en"`
}

type emailBody struct {
	Email    string `json:"email" about:"the new one" form:"email"`
	Password string `json:"password" about:"the present one"`
}

type deletionBody struct {
	Password string `json:"password" about:"the present one"`
}

// deleted is the answer to a deletion: what is kept all the same, and why.
type deleted struct {
	Status string          `json:"status"`
	Kept   []accounts.Kept `json:"kept"`
}

// profileOperations are the calls by which learners see and change what is kept of them.
func (s *Service) profileOperations() []operation {
	return []operation{
		{
			id: "profile", method: http.MethodGet, path: "/api/v1/me", group: groupAccounts, login: true,
			summary: text{"我的资料", "My profile"},
			status:  http.StatusOK, answer: accounts.Profile{}, example: "/api/v1/me", handle: forLearners(s.profile),
		},
		{
			id: "change_profile", method: http.MethodPatch, path: "/api/v1/me", group: groupAccounts, login: true,
			summary: text{"修改资料", "Change the profile"},
			body:    profileBody{}, status: http.StatusOK, answer: accounts.Profile{}, refuses: refusesBody, handle: forLearners(s.changeProfile),
		},
		{
			id: "change_email", method: http.MethodPost, path: "/api/v1/me/email", group: groupAccounts, login: true,
			summary: text{"更换邮箱：向新邮箱发送验证码", "Change the address: a code is mailed to the new one"},
			about:   text{"新地址是否已有账号，回答都相同", "The answer is the same whether another account has the new address or not."},
			body:    emailBody{}, status: http.StatusAccepted, answer: accepted{}, refuses: refusesWrong, handle: forLearners(s.askEmail),
		},
		{
			id: "confirm_email", method: http.MethodPost, path: "/api/v1/auth/confirm-email", group: groupAccounts,
			summary: text{"用验证码确认新邮箱，并通知原邮箱", "Confirm the new address by the code; the one before is told"},
			body:    codeBody{}, status: http.StatusOK, answer: done{}, refuses: refusesCode, handle: s.confirmEmail,
		},
		{
			id: "export", method: http.MethodGet, path: "/api/v1/me/export", group: groupAccounts, login: true,
			summary: text{"导出我的全部数据", "All that is kept of me"},
			status:  http.StatusOK, answer: export{}, example: "/api/v1/me/export", handle: forLearners(s.exportAccount),
		},
		{
			id: "delete_account", method: http.MethodDelete, path: "/api/v1/me", group: groupAccounts, login: true,
			summary: text{"删除账号；回答说明保留什么、为什么", "Delete the account; the answer says what is kept and why"},
			body:    deletionBody{}, status: http.StatusOK, answer: deleted{}, refuses: refusesWrong, handle: forLearners(s.deleteAccount),
		},
	}
}

func (s *Service) profile(c *fiber.Ctx, account int64, _ args) error {
	p, err := s.learners.Accounts.Profile(c.UserContext(), account)
	if err != nil {
		return err
	}
	return answerPrivately(c, http.StatusOK, p)
}

func (s *Service) changeProfile(c *fiber.Ctx, account int64, _ args) error {
	var body profileBody
	if err := readBody(c, &body, "nickname, birthday, gender, city and language"); err != nil {
		return err
	}
	p, err := s.learners.Accounts.ChangeProfile(c.UserContext(), account, accounts.Change(body))
	if err != nil {
		return err
	}
	return answerPrivately(c, http.StatusOK, p)
}

func (s *Service) askEmail(c *fiber.Ctx, account int64, _ args) error {
	var body emailBody
	if err := readBody(c, &body, "email and password"); err != nil {
		return err
	}
	if err := s.learners.Accounts.AskEmail(c.UserContext(), clientOf(c), account, body.Email, body.Password); err != nil {
		return err
	}
	return answerPrivately(c, http.StatusAccepted, accepted{Status: "accepted"})
}

func (s *Service) confirmEmail(c *fiber.Ctx, _ args) error {
	var body codeBody
	if err := readBody(c, &body, "code"); err != nil {
		return err
	}
	if err := s.learners.Accounts.ConfirmEmail(c.UserContext(), body.Code); err != nil {
		return err
	}
	return answerPrivately(c, http.StatusOK, done{Status: "confirmed"})
}

func (s *Service) exportAccount(c *fiber.Ctx, account int64, _ args) error {
	var e export
	var err error
	if e.Export, err = s.learners.Accounts.Export(c.UserContext(), account, httpserver.SessionToken(c)); err != nil {
		return err
	}
	if e.learnt, err = s.learners.Learning.Export(c.UserContext(), account); err != nil {
		return err
	}
	if e.said, err = s.learners.Comments.Export(c.UserContext(), account); err != nil {
		return err
	}
	if e.told, err = s.learners.Messages.Export(c.UserContext(), account); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="xunke-export.json"`)
	return answerPrivately(c, http.StatusOK, e)
}

func (s *Service) deleteAccount(c *fiber.Ctx, account int64, _ args) error {
	var body deletionBody
	if err := readBody(c, &body, "password"); err != nil {
		return err
	}
	if err := s.learners.Accounts.Delete(c.UserContext(), clientOf(c), account, body.Password); err != nil {
		return err
	}
	httpserver.ClearSession(c)
	return answerPrivately(c, http.StatusOK, deleted{Status: "deleted", Kept: accounts.KeptAfterDeletion()})
}
