#pragma once
// For the commands that are one call to the daemon and one answer.

#include "common/rpc/codec.hpp"
#include "ctl/client.hpp"
#include "ctl/session.hpp"

#include <string>
#include <utility>

namespace sb::ctl {

/// Connects and makes one call.
template <class Method>
task<Result<typename Method::Reply>> ask(std::string socket, typename Method::Params params) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(std::move(socket));
    if (!client) co_return client.error();
    co_return co_await (*client)->template call<Method>(std::move(params));
}

/// The value as the one JSON document on stdout.
template <class T>
void print_json(Session& session, T const& value) {
    json::Writer out(session.console.json_layout());
    rpc::write(out, value);
    session.console.out << out.take() << '\n';
}

}  // namespace sb::ctl
