# What we build on. `./run` installs these on Debian, Ubuntu and FreeBSD.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS program_options)
find_package(OpenSSL 3.0 REQUIRED)
find_package(spdlog REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CURL 7.68 REQUIRED)
find_package(toml11 REQUIRED)
find_package(pugixml REQUIRED)
find_path(RAPIDJSON_INCLUDE_DIR rapidjson/document.h REQUIRED)

# Asio and Beast compiled once: the bodies of their templates that do not depend on us.
add_library(sb_asio STATIC cmake/separate/asio.cpp)
target_link_libraries(sb_asio PUBLIC sb_options Boost::headers Threads::Threads)
add_library(sb_asio_ssl STATIC cmake/separate/asio_ssl.cpp)
target_link_libraries(sb_asio_ssl PUBLIC sb_asio OpenSSL::SSL OpenSSL::Crypto)
add_library(sb_beast STATIC cmake/separate/beast.cpp)
target_link_libraries(sb_beast PUBLIC sb_asio)
