package searchapi

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/internal/httpserver"
)

// What calls of accounts refuse.
var (
	refusesBody  = []int{http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusServiceUnavailable}
	refusesOften = append(slices.Clone(refusesBody), http.StatusTooManyRequests)
	refusesWrong = append(slices.Clone(refusesOften), http.StatusConflict) // a password that is not the present one, or no good
	refusesCode  = append(slices.Clone(refusesBody), http.StatusNotFound)  // one that is not valid
)

// forLearners lets a call be made by who is logged in.
func forLearners(handle func(c *fiber.Ctx, account int64, a args) error) func(*fiber.Ctx, args) error {
	return func(c *fiber.Ctx, a args) error {
		c.Set(fiber.HeaderCacheControl, "no-store")
		account, err := httpserver.RequireLearner(c)
		if err != nil {
			return err
		}
		return handle(c, account, a)
	}
}

// accountOperations are the calls of accounts. No page of another site may make or read them.
func (s *Service) accountOperations() []operation {
	return append([]operation{
		{
			id: "register", method: http.MethodPost, path: "/api/v1/auth/register", group: groupAccounts,
			summary: text{"注册：向邮箱发送激活码", "Register: a code that activates the account is mailed"},
			about:   text{"地址是否已有账号，回答都相同", "The answer is the same whether there is an account with the address or not."},
			body:    registerBody{}, status: http.StatusAccepted, answer: accepted{}, refuses: refusesWrong, handle: s.registerAccount,
		},
		{
			id: "activate", method: http.MethodPost, path: "/api/v1/auth/activate", group: groupAccounts,
			summary: text{"用邮件里的激活码激活账号", "Activate an account by the code that was mailed"},
			body:    codeBody{}, status: http.StatusOK, answer: done{}, refuses: refusesCode, handle: s.activateAccount,
		},
		{
			id: "log_in", method: http.MethodPost, path: "/api/v1/auth/login", group: groupAccounts,
			summary: text{"登录：会话在 Cookie 中", "Log in; the session is a cookie"},
			body:    loginBody{}, status: http.StatusOK, answer: loggedIn{}, refuses: append(slices.Clone(refusesOften), http.StatusUnauthorized), handle: s.logIn,
		},
		{
			id: "log_out", method: http.MethodPost, path: "/api/v1/auth/logout", group: groupAccounts,
			summary: text{"退出登录；没有登录时什么也不做", "Log out; without a session it does nothing"},
			status:  http.StatusNoContent, refuses: []int{http.StatusBadRequest, http.StatusForbidden, http.StatusServiceUnavailable}, handle: s.logOut,
		},
		{
			id: "log_out_all", method: http.MethodPost, path: "/api/v1/auth/logout-all", group: groupAccounts, login: true,
			summary: text{"在所有设备上退出登录", "Log out on all devices"},
			status:  http.StatusNoContent, handle: forLearners(s.logOutAll),
		},
		{
			id: "recover", method: http.MethodPost, path: "/api/v1/auth/recover", group: groupAccounts,
			summary: text{"找回密码：向邮箱发送验证码", "Recover an account: a code that sets a password is mailed"},
			about:   text{"地址是否已有账号，回答都相同", "The answer is the same whether there is an account with the address or not."},
			body:    recoverBody{}, status: http.StatusAccepted, answer: accepted{}, refuses: refusesOften, handle: s.recoverAccount,
		},
		{
			id: "reset", method: http.MethodPost, path: "/api/v1/auth/reset", group: groupAccounts,
			summary: text{"用验证码设置新密码，并结束所有会话", "Set a new password by the code that was mailed; all sessions end"},
			body:    resetBody{}, status: http.StatusOK, answer: done{}, refuses: append(slices.Clone(refusesCode), http.StatusConflict), handle: s.resetPassword,
		},
	}, append(s.learnerOperations(), s.profileOperations()...)...)
}

// learnerOperations are the calls of who is logged in.
func (s *Service) learnerOperations() []operation {
	return []operation{
		{
			id: "sessions", method: http.MethodGet, path: "/api/v1/me/sessions", group: groupAccounts, login: true,
			summary: text{"已登录的设备", "The devices that are logged in"},
			status:  http.StatusOK, answer: sessionList{}, example: "/api/v1/me/sessions", handle: forLearners(s.listSessions),
		},
		{
			id: "end_session", method: http.MethodDelete, path: "/api/v1/me/sessions/{id}", group: groupAccounts, login: true,
			summary: text{"让一台设备退出登录", "Log one device out"},
			params:  []param{idParam()}, status: http.StatusNoContent,
			refuses: []int{http.StatusNotFound}, handle: forLearners(s.endSession),
		},
		{
			id: "change_password", method: http.MethodPost, path: "/api/v1/me/password", group: groupAccounts, login: true,
			summary: text{"修改密码，并结束其他设备上的会话", "Change the password; the sessions of other devices end"},
			body:    passwordBody{}, status: http.StatusOK, answer: loggedIn{}, refuses: refusesWrong, handle: forLearners(s.changePassword),
		},
	}
}
