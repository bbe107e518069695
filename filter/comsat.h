// Tells the biff service that mail has come (COMSAT; PROCMAIL.md 25.5).
// SPDX-License-Identifier: Apache-2.0
//
//   tell_comsat("biff@localhost", "anna@1234:/var/mail/anna", HostNames::Resolve);
//
// `service` is COMSAT's value: "service@host", "service@", "@host"; whatever is missing, and a value without `@`, is
// biff and localhost. One UDP datagram a call, to the address 127.0.0.1 for localhost. A host that must be looked up is
// told by a process of its own that ends after kLookupSeconds, so that a delivery never waits for a name server.
// Failures are ignored: the service is a convenience.
#pragma once

#include <string>

namespace filter {

inline constexpr unsigned kLookupSeconds = 10;

enum class HostNames { Resolve, LocalOnly };  // LocalOnly: nobody but localhost is told

void tell_comsat(const std::string& service, const std::string& text, HostNames names);

}  // namespace filter
