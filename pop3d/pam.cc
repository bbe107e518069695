// Whether PAM takes a password.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/pam.h"

#include <security/pam_appl.h>

#include <cstdlib>
#include <cstring>

namespace pop3d {
namespace {

constexpr const char* kService = "sluice-pop3d";

// Every hidden question gets the password; what else modules ask for we do not know. PAM frees the answers.
int answer(int count, const pam_message** questions, pam_response** answers, void* password) {
  auto* given = static_cast<pam_response*>(std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  if (given == nullptr) return PAM_BUF_ERR;
  for (int i = 0; i < count; ++i) {
    if (questions[i]->msg_style == PAM_PROMPT_ECHO_OFF) given[i].resp = ::strdup(static_cast<const char*>(password));
  }
  *answers = given;
  return PAM_SUCCESS;
}

// A wrong answer waits elsewhere, where it holds up nobody (penalties.h).
void do_not_wait(int, unsigned, void*) {}

PamAnswer read_result(pam_handle_t* pam, int result) {
  switch (result) {
    case PAM_SUCCESS:
      return {PamAnswer::Verdict::Yes, ""};
    case PAM_AUTH_ERR:
    case PAM_USER_UNKNOWN:
    case PAM_MAXTRIES:
    case PAM_PERM_DENIED:
    case PAM_ACCT_EXPIRED:
    case PAM_NEW_AUTHTOK_REQD:
    case PAM_CRED_EXPIRED:
      return {PamAnswer::Verdict::No, ::pam_strerror(pam, result)};
    default:
      return {PamAnswer::Verdict::Error, std::string("PAM: ") + ::pam_strerror(pam, result)};
  }
}

}  // namespace

PamAnswer ask_pam(const std::string& user, const std::string& password, const std::string& address) {
  if ((user + password).find('\0') != std::string::npos)
    return {PamAnswer::Verdict::No, "a NUL"};  // C would not see it
  const pam_conv conversation{answer, const_cast<char*>(password.c_str())};
  pam_handle_t* pam = nullptr;
  int result = ::pam_start(kService, user.c_str(), &conversation, &pam);
  if (result != PAM_SUCCESS) return {PamAnswer::Verdict::Error, "PAM does not start"};
  ::pam_set_item(pam, PAM_RHOST, address.c_str());
  ::pam_set_item(pam, PAM_TTY, "pop3");
#ifdef PAM_FAIL_DELAY
  ::pam_set_item(pam, PAM_FAIL_DELAY, reinterpret_cast<const void*>(do_not_wait));
#endif
  result = ::pam_authenticate(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
  if (result == PAM_SUCCESS) result = ::pam_acct_mgmt(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
  auto read = read_result(pam, result);
  ::pam_end(pam, result);
  return read;
}

}  // namespace pop3d
