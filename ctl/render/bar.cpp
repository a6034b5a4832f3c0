#include "ctl/render/bar.hpp"

namespace sb::ctl {

std::string bar(int percent, std::size_t width) {
    auto const filled = static_cast<std::size_t>(percent) * width / 100;
    std::string inside(filled, '=');
    if (filled < width) inside += '>';
    inside.resize(width, ' ');
    return "[" + inside + "]";
}

}  // namespace sb::ctl
