#include "common/ipc/stream.hpp"

namespace sb::ipc {

task<Result<void>> Stream::write_all_with(std::string, std::shared_ptr<OpenFile>) {
    co_return Error{Errc::refused, "this connection cannot carry an open file"};
}

}  // namespace sb::ipc
